"""What a person can do with the program; they own its state, are asynchronous, know no Qt, and audit every act."""
