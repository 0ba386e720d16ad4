resource "aws_db_instance" "orders" {
  identifier              = "shop-orders"
  engine                  = "postgres"
  engine_version          = "16.4"
  instance_class          = "db.t4g.medium"
  allocated_storage       = 50
  storage_encrypted       = true
  kms_key_id              = var.kms_key_id
  backup_retention_period = 14
  deletion_protection     = true
  username                = "shop"
  manage_master_user_password = true
}
